"""What does a password look like that is read from a slip of paper?"""

from __future__ import annotations

from collections.abc import Callable

# no sign that looks like another: no 0 and o, 1, i and l
LETTERS = "abcdefghjkmnpqrstuvwxyz"
FIGURES = "23456789"
GROUPS = 3
GROUP = 4


def slip_password(choose: Callable[[str], str]) -> str:
    """Three groups of four small letters and figures, such as `kmpr-7x4t-hw9n`: 52 bits of chance.

    Args:
        choose: gives one sign of a text by chance, such as `secrets.choice`.
    """
    groups = []
    for _ in range(GROUPS):
        signs = [choose(LETTERS), *(choose(LETTERS + FIGURES) for _ in range(GROUP - 2)), choose(FIGURES)]
        groups.append("".join(signs))
    return "-".join(groups)


def recovery_code(choose: Callable[[str], str]) -> str:
    """Two groups of five signs, such as `7hkxm-4qrtn`: 49 bits of chance."""
    signs = "".join(choose(LETTERS + FIGURES) for _ in range(10))
    return f"{signs[:5]}-{signs[5:]}"


def tidy_recovery_code(text: str) -> str:
    """A recovery code as it is compared, however it was typed."""
    return "".join(sign for sign in text.lower() if sign in LETTERS + FIGURES)
