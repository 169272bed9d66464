"""Greets whom its settings name."""

import importlib.metadata
import sys
import tomllib
from wsgiref.simple_server import make_server


def main():
    with open(sys.argv[1], "rb") as file:
        name = tomllib.load(file)["name"]
    version = importlib.metadata.version("greeter")

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"greeter {version} greets {name}\n".encode()]

    with make_server("", 8000, application) as server:
        print("listening", flush=True)
        server.serve_forever()
