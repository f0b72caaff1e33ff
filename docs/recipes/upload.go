// Uploads a file, resumes after lost connections, waits until the video is processed, and prints the transcript.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

var server, key = os.Getenv("LONGTAKE_URL"), os.Getenv("LONGTAKE_KEY")

// request returns nil if the connection was lost or the server is busy, and ends the program if the server refuses.
func request(method, path string, body io.Reader, headers ...string) *http.Response {
	call, err := http.NewRequest(method, server+path, body)
	if err != nil {
		log.Fatal(err)
	}
	call.Header.Set("Tus-Resumable", "1.0.0")
	if key != "" {
		call.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i < len(headers); i += 2 {
		call.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(call)
	if err != nil {
		return nil
	}
	switch status := response.StatusCode; {
	case status < 300:
		return response
	case status != 409 && status != 423 && status != 429 && status < 500:
		text, _ := io.ReadAll(response.Body)
		log.Fatalf("%s %s: %s %s", method, path, response.Status, text)
	}
	response.Body.Close()
	return nil
}

func upload(path string) string {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		log.Fatal(err)
	}
	size := stat.Size()
	name := base64.StdEncoding.EncodeToString([]byte(filepath.Base(path)))
	created := request("POST", "/uploads", nil, "Upload-Length", strconv.FormatInt(size, 10), "Upload-Metadata", "filename "+name)
	if created == nil {
		log.Fatal("the server cannot be reached")
	}
	created.Body.Close()
	id := filepath.Base(created.Header.Get("Location"))
	for {
		if state := request("HEAD", "/uploads/"+id, nil); state != nil {
			state.Body.Close()
			offset, err := strconv.ParseInt(state.Header.Get("Upload-Offset"), 10, 64)
			if err != nil {
				log.Fatal(err)
			}
			if offset == size {
				return id
			}
			rest := io.NewSectionReader(file, offset, size-offset)
			sent := request("PATCH", "/uploads/"+id, rest, "Upload-Offset", strconv.FormatInt(offset, 10), "Content-Type", "application/offset+octet-stream")
			if sent != nil {
				sent.Body.Close()
				continue
			}
		}
		time.Sleep(time.Second)
	}
}

func main() {
	if server == "" {
		server = "http://127.0.0.1:3000"
	}
	id := upload(os.Args[1])
	for ; ; time.Sleep(time.Second) {
		response := request("GET", "/videos/"+id, nil)
		if response == nil {
			continue
		}
		var video struct{ Status, Transcript string }
		err := json.NewDecoder(response.Body).Decode(&video)
		response.Body.Close()
		if err == nil && video.Status != "processing" {
			fmt.Println(video.Status, video.Transcript)
			return
		}
	}
}
