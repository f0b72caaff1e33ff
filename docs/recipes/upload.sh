# Uploads a file, resumes after lost connections, waits until the video is processed, and prints the transcript.
set -eu
server=${LONGTAKE_URL:-http://127.0.0.1:3000}
file=$1

request() {
  curl -sS --max-time 3600 -H 'Tus-Resumable: 1.0.0' ${LONGTAKE_KEY:+-H "Authorization: Bearer $LONGTAKE_KEY"} "$@"
}
field() { tr -d '\r' | sed -n "s/^$1: //Ip"; }

size=$(wc -c <"$file" | tr -d ' ')
name=$(printf %s "$(basename "$file")" | base64 | tr -d '\n')
created=$(request -fD - -o /dev/null -X POST "$server/uploads" -H "Upload-Length: $size" -H "Upload-Metadata: filename $name")
location=$(printf '%s\n' "$created" | field location)
id=${location##*/}

while :; do
  state=$(request -I "$server/uploads/$id" || true)
  case $state in *' 401 '* | *' 403 '* | *' 404 '* | *' 410 '*) echo "The upload is gone: $state" >&2; exit 1 ;; esac
  offset=$(printf '%s\n' "$state" | field upload-offset)
  [ "$offset" = "$size" ] && break
  if [ -n "$offset" ]; then
    tail -c "+$((offset + 1))" "$file" | request -f -o /dev/null -X PATCH "$server/uploads/$id" -H "Upload-Offset: $offset" \
      -H 'Content-Type: application/offset+octet-stream' -T - || sleep 1
  else
    sleep 1
  fi
done

until video=$(request -f "$server/videos/$id") && ! printf %s "$video" | grep -q '"status":"processing"'; do sleep 1; done
request -f "$server/videos/$id/transcript.txt"
