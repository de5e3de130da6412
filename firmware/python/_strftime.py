"""time.strftime() in the C locale; time.py loads it when it is first called."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")
MONTHS += ("September", "October", "November", "December")

# Directives that stand for others.
SHORT = {
    "c": "%a %b %e %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "x": "%m/%d/%y",
}
# Directives that are one number: its format, and where in the tuple it stands.
NUMBERS = {
    "d": ("%02d", 2),
    "e": ("%2d", 2),
    "H": ("%02d", 3),
    "j": ("%03d", 7),
    "k": ("%2d", 3),
    "M": ("%02d", 4),
    "m": ("%02d", 1),
    "S": ("%02d", 5),
    "Y": ("%d", 0),
}


def formatted(format, when):
    """Return the time of day `when` in this format; a directive that is not known stays as it is."""
    parts = format.split("%")
    text = [parts.pop(0)]
    while parts:
        part = parts.pop(0)
        if part:
            text.append(_directive(part[0], when))
            text.append(part[1:])
        else:
            # %% or a % at the end; what follows is no directive.
            text.append("%")
            if parts:
                text.append(parts.pop(0))
    return "".join(text)


def _directive(letter, when):
    if letter in NUMBERS:
        number, place = NUMBERS[letter]
        return number % when[place]
    if letter in SHORT:
        return formatted(SHORT[letter], when)
    year, month, _, hour, _, _, weekday, day = when[:8]  # Monday is 0, the 1st of January 1
    if letter in "Aa":
        name = DAYS[weekday]
        return name if letter == "A" else name[:3]
    if letter in "Bbh":
        name = MONTHS[month - 1]
        return name if letter == "B" else name[:3]
    if letter in "Il":
        return ("%02d" if letter == "I" else "%2d") % ((hour + 11) % 12 + 1)
    if letter == "p":
        return "PM" if hour >= 12 else "AM"
    if letter == "y":
        return "%02d" % (year % 100)
    if letter == "C":
        return "%02d" % (year // 100)
    if letter == "u":
        return str(weekday + 1)
    if letter == "w":
        return str((weekday + 1) % 7)
    if letter == "U":
        return "%02d" % ((day + 6 - (weekday + 1) % 7) // 7)
    if letter == "W":
        return "%02d" % ((day + 6 - weekday) // 7)
    if letter in "GgV":
        return _iso_week(letter, year, weekday, day)
    if letter in "nt":
        return "\n" if letter == "n" else "\t"
    # A board has no time zones.
    return {"Z": "UTC", "z": "+0000"}.get(letter, "%" + letter)


def _iso_week(letter, year, weekday, day):
    week = (day - weekday + 9) // 7  # the first week has the year's first Thursday in it
    if week < 1:
        year -= 1
        week = (day + _days(year) - weekday + 9) // 7
    elif week == 53 and day - weekday + 3 > _days(year):
        year += 1
        week = 1
    if letter == "V":
        return "%02d" % week
    return str(year) if letter == "G" else "%02d" % (year % 100)


def _days(year):
    return 365 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
