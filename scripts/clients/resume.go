// Uploads a file with go-tus: go run . ENDPOINT FILE. Prints the upload's URL. The library does not retry by itself.
package main

import (
	"fmt"
	"os"
	"time"

	tus "github.com/eventials/go-tus"
	"github.com/eventials/go-tus/memorystore"
)

func main() {
	file, err := os.Open(os.Args[2])
	if err != nil {
		panic(err)
	}
	upload, err := tus.NewUploadFromFile(file)
	if err != nil {
		panic(err)
	}
	config := tus.DefaultConfig()
	store, err := memorystore.NewMemoryStore()
	if err != nil {
		panic(err)
	}
	config.Store, config.Resume = store, true
	for attempt := 0; ; attempt++ {
		client, err := tus.NewClient(os.Args[1], config)
		if err != nil {
			panic(err)
		}
		uploader, err := client.CreateOrResumeUpload(upload)
		if err == nil {
			err = uploader.Upload()
		}
		if err == nil {
			fmt.Println(uploader.Url())
			return
		}
		fmt.Fprintln(os.Stderr, err)
		if attempt == 20 {
			os.Exit(1)
		}
		time.Sleep(time.Second)
	}
}
