# Lists that grow and shrink under who indexes, iterates, sums and joins. Items tell that they are some.
ROUNDS = 40
items, words = [7] * 4, ["w"] * 4


def work(t):
    for r in range(ROUNDS):
        if t == 0:
            items.extend([7] * 40)
            words.extend(["w"] * 40)
            del items[2:]
            for i in range(40):
                words.pop()
            junk = [[666] * (4 + i % 13) for i in range(20)]
            items.extend([7, 7])
            check(all(min(x) == 666 and max(x) == 666 for x in junk), "junk")
        else:
            for i in range(0, 44, 3):
                try:
                    check(items[i] == 7, ("item", items[i]))
                    items[i] = 7
                except IndexError:
                    pass
            for x in items:
                check(x == 7, ("for", x))
            total = sum(items)
            check(total % 7 == 0, ("sum", total))
            check(set("".join(words)) <= {"w"}, "join")
            check(max(items) == 7 and 7 in items, "max")
            check((items + [7])[0] == 7, "sum of lists")


share(work, 2)
check(items == [7] * 4 and words == ["w"] * 4, "left")
