"""A guideline as a service, by Python's standard library: 1, less 0.2 for each "maybe". python3 tone.py [PORT]"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Tone(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        hedges = asked["completion"].lower().count("maybe")
        reply = json.dumps({"score": max(0, 1 - 0.2 * hedges), "evidence": [f"{hedges} hedges"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
server = ThreadingHTTPServer(("127.0.0.1", port), Tone)
print(f"http://127.0.0.1:{server.server_port}/score", flush=True)
server.serve_forever()
