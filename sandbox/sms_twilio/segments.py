"""How many air-interface segments a text takes, because Twilio counts and bills them."""

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_TWICE = frozenset("^{}\\[~]|€")  # these take an escape and count double


def segments(text: str) -> int:
    """Return the number of segments: 160 or 153 characters each in GSM-7, 70 or 67 in UCS-2."""
    if all(char in GSM_7 or char in GSM_7_TWICE for char in text):
        return _parts(sum(2 if char in GSM_7_TWICE else 1 for char in text), 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(length: int, alone: int, joined: int) -> int:
    return 1 if length <= alone else -(-length // joined)
