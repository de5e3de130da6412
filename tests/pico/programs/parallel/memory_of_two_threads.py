# Both threads allocate, grow and drop memory of all sizes, and one collects: each block is one's own.
ROUNDS = 50


def work(t):
    kept = []
    for r in range(ROUNDS):
        for size in (1, 14, 17, 40, 100, 300):
            block = bytearray(size)
            for i in range(0, size, 7):
                block[i] = t + 1
            kept.append((size, block, [t] * (size % 9)))
        grown = bytearray(1)
        grown[0] = t + 1
        for i in range(6):
            grown.extend(bytes([t + 1]) * 13)
        check(all(x == t + 1 for x in grown), "grown")
        table = {}
        for i in range(12):
            table[i] = t
        check(all(table[i] == t for i in range(12)), "table")
        table.clear()
        text = "".join([chr(65 + t)] * 20)
        check(text == chr(65 + t) * 20, "text")
        if len(kept) > 30:
            for size, block, small in kept:
                check(len(block) == size and small == [t] * (size % 9), "size")
                check(all(block[i] == t + 1 for i in range(0, size, 7)), "block")
            del kept[:20]
        if r % 10 == 5 * t:
            gc.collect()


share(work, 2)
