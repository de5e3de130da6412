def add(s):
    pass
