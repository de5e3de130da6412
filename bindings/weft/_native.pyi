"""What bindings/native/build.py declares; blocking.h and weft.h say what each call means."""

class _Lib:
    WEFT_OK: int
    WEFT_FOREVER: int

    def native_block_limit(self, deadline_ns: int, /) -> int: ...
    def weft_thread_join_all_until(self, deadline_ns: int, /) -> int: ...

lib: _Lib
