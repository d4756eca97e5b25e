"""The check that the platform makes when an administrator saves a callback address."""

import secrets
from urllib.parse import urlencode

import requests

from sandbox.loopback import session
from sandbox.wechat_oa.envelope import signature
from sandbox.world import World


def handshake(world: World) -> tuple[int, bool]:
    """Ask the callback address to echo a random string; return the status (0: none) and whether it did."""
    timestamp, nonce = str(int(world.clock.now().timestamp())), secrets.token_hex(5)
    echo = str(secrets.randbelow(10**19))
    signed = signature(world.settings.wechat_token, timestamp, nonce)
    asked = urlencode({"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echo})
    try:
        with session() as http:
            answer = http.get(f"{world.settings.wechat_hook}?{asked}", timeout=5)
    except requests.RequestException:
        return 0, False
    return answer.status_code, answer.text == echo
