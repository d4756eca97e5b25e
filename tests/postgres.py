"""The PostgreSQL server that tests stand on; `huizheng chaos` uses the same one."""

from sandbox.postgres import PostgresServer

__all__ = ["PostgresServer"]
