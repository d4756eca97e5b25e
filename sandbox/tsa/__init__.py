"""A pretend time-stamp service that speaks real RFC 3161, with a throw-away authority of its own."""
