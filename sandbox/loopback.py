"""HTTP towards the application, never through a proxy that the environment names."""

import requests


def session() -> requests.Session:
    """Return a session that ignores HTTP_PROXY, so that loopback addresses are reached directly."""
    made = requests.Session()
    made.trust_env = False
    return made
