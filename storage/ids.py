"""Where identifiers, codes and key bytes come from."""

import secrets
import time
import uuid

# no 0/O, 1/I/l: read aloud over the telephone and typed from paper
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class SystemIds:
    """Identifiers from the operating system's random source."""

    def uuid(self) -> str:
        """Return a version 7 UUID (RFC 9562 §5.7): real milliseconds, then random bits."""
        value = (int(time.time() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
        value = value & ~(0xF << 76) | 7 << 76
        value = value & ~(0b11 << 62) | 0b10 << 62
        return str(uuid.UUID(int=value))

    def token(self, length: int) -> str:
        """Return random characters without look-alikes, about 4.95 bits each."""
        return "".join(secrets.choice(ALPHABET) for _ in range(length))

    def bytes(self, length: int) -> bytes:
        """Return random bytes for keys and salts."""
        return secrets.token_bytes(length)
