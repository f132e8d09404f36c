"""What goes wrong while a message is made."""


class MessageError(ValueError):
    """This message cannot be made, and trying again will not help.

    From ``Skeleton(...)``: the sender or the content is wrong, nobody can be mailed. From ``Skeleton.build``: this one
    person's values are wrong; the neighbours are not touched. The text says what and where, in printable characters.
    """


def described(error: Exception) -> str:
    """An error that nobody foresaw, for people and for the database: short and printable."""
    return f"{type(error).__name__}: {ascii(str(error))[1:-1]}"[:300]
