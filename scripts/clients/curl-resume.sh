#!/usr/bin/env bash
# Uploads a file with curl, as the README says: curl-resume.sh ENDPOINT FILE. Prints the upload's URL.
set -eu
size=$(wc -c < "$2" | tr -d ' ')
location=$(curl -sD - -o /dev/null -X POST "$1" -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $size" |
  tr -d '\r' | sed -n 's/^location: //Ip')
url=${1%/uploads}$location
for _ in $(seq 20); do
  offset=$(curl -sI "$url" -H 'Tus-Resumable: 1.0.0' | tr -d '\r' | sed -n 's/^upload-offset: //Ip')
  [ "$offset" != "$size" ] || break
  tail -c "+$((offset + 1))" "$2" | curl -s -m 60 -X PATCH "$url" -H 'Tus-Resumable: 1.0.0' -H "Upload-Offset: $offset" \
    -H 'Content-Type: application/offset+octet-stream' --data-binary @- || sleep 1
done
echo "$url"
