"""Uploads a file, resumes after lost connections, waits until the video is processed, and prints the transcript."""

import base64, http.client, json, os, sys, time, urllib.error, urllib.request

SERVER = os.environ.get("LONGTAKE_URL", "http://127.0.0.1:3000")
KEY = os.environ.get("LONGTAKE_KEY")
CHUNK_BYTES = 8 * 1024 * 1024


def request(method, path, headers={}, data=None):
    every = {"Tus-Resumable": "1.0.0", **({"Authorization": f"Bearer {KEY}"} if KEY else {})}
    call = urllib.request.Request(SERVER + path, data, {**every, **headers}, method=method)
    return urllib.request.urlopen(call, timeout=60)


def until(work):
    """Calls a function until it returns something. Waits a second after a lost connection, or while the server is busy."""
    while True:
        try:
            result = work()
            if result is not None:
                return result
        except urllib.error.HTTPError as error:
            if error.code not in (409, 423, 429) and error.code < 500:
                raise
            time.sleep(1)
        except (OSError, http.client.HTTPException):
            time.sleep(1)


def upload(path):
    size = os.path.getsize(path)
    name = base64.b64encode(os.path.basename(path).encode()).decode()
    creation = {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
    id = request("POST", "/uploads", creation).headers["Location"].split("/")[-1]

    def send(file):
        offset = int(request("HEAD", f"/uploads/{id}").headers["Upload-Offset"])
        if offset == size:
            return id
        file.seek(offset)
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        request("PATCH", f"/uploads/{id}", headers, file.read(CHUNK_BYTES))

    with open(path, "rb") as file:
        return until(lambda: send(file))


def processed(id):
    video = json.load(request("GET", f"/videos/{id}"))
    if video["status"] != "processing":
        return video
    time.sleep(1)


id = upload(sys.argv[1])
video = until(lambda: processed(id))
print(video["transcript"] or video["status"])
