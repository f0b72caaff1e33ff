"""Uploads a file with tuspy: python tuspy-resume.py ENDPOINT FILE. Prints the upload's URL."""

import sys

from tusclient import client

endpoint, path = sys.argv[1:]
uploader = client.TusClient(endpoint).uploader(path, chunk_size=4_000_000, retries=20, retry_delay=1)
uploader.upload()
print(uploader.url)
