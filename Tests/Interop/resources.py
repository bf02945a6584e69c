"""Resources of containers: a web server that has them, and applications that ask for them."""

import http.server
import io
import json
import tarfile
import threading
import urllib.request


class Gate(http.server.ThreadingHTTPServer):
    """Serves files, and stops once in the middle of one until it is told to go on."""

    daemon_threads = True

    def __init__(self):
        self.files = {}
        self.stops = {}
        self.reached = threading.Event()
        self.goes_on = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, name):
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, name = self.server, self.path[1:]
        content, stop = server.files[name], server.stops.pop(name, None)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            if stop is not None:
                self.wfile.write(content[:stop])
                self.wfile.flush()
                server.reached.set()
                server.goes_on.wait(60)
                content = content[stop:]
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        pass


def submit(daemons, resources, command, user="root") -> str:
    """`resources`: link name -> (address, type, visibility), and size and time where they are known."""
    base = f"http://127.0.0.1:{daemons.ports['webapp']}/ws/v1/cluster/apps"
    request = urllib.request.Request(f"{base}/new-application?user.name={user}", method="POST")
    application = json.loads(urllib.request.urlopen(request, timeout=30).read())["application-id"]
    words = ("resource", "type", "visibility", "size", "timestamp")
    entries = [
        {"key": name, "value": {"size": -1, "timestamp": 0} | dict(zip(words, resource))}
        for name, resource in resources.items()
    ]
    body = {
        "application-id": application,
        "application-name": "shell",
        "max-app-attempts": 1,
        "am-container-spec": {"commands": {"command": command}, "local-resources": {"entry": entries}},
        "resource": {"memory": 128, "vCores": 1},
    }
    request = urllib.request.Request(f"{base}?user.name={user}", data=json.dumps(body).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=30).close()
    return application


def packed(content: bytes) -> bytes:
    """An archive of one file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo("one")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()
