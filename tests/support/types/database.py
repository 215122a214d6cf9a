"""A database for the test: `make URL SQL` makes one in a schema `types` and prints its URL, `run URL SQL` changes it,
`rows URL TABLE` prints rows as the server prints them to clients, `drop URL MADE` drops it.
"""

import os
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

SCHEMA = "types"


def named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/" + name))


def main(command: str, url: str, *rest: str) -> None:
    if command == "make":
        name = f"types_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(named(url, name)) as connection, open(rest[0], encoding="utf-8") as file:
                connection.execute(f"CREATE SCHEMA {SCHEMA}; SET search_path TO {SCHEMA}")
                connection.execute(file.read())
        except BaseException:
            main("drop", url, named(url, name))
            raise
        print(named(url, name))
    elif command == "run":
        with psycopg.connect(url, options=f"-c search_path={SCHEMA}") as connection:
            connection.execute(rest[0])
    elif command == "rows":
        with psycopg.connect(url, options=f"-c search_path={SCHEMA}") as connection:
            # As PostgREST asks: the server makes the JSON.
            query = sql.SQL("SELECT json_agg(t)::text FROM (SELECT * FROM {} ORDER BY id) t")
            [(text,)] = connection.execute(query.format(sql.Identifier(rest[0]))).fetchall()
            print(text)
    elif command == "drop":
        name = urlsplit(rest[0]).path.lstrip("/")
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    else:
        sys.exit(f"no command {command}")


main(*sys.argv[1:])
