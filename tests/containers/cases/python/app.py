"""Keeps count of its visits in a temporary file."""

import http.server
import tempfile

visits = tempfile.TemporaryFile()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        visits.write(b".")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"visit {visits.tell()}\n".encode())


server = http.server.ThreadingHTTPServer(("", 8000), Handler)
print("listening", flush=True)
server.serve_forever()
