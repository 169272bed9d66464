// Serves pages that it reads from its working directory.
package main

import (
	"context"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
)

func main() {
	pages := template.Must(template.ParseGlob("pages/*.html"))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if err := pages.ExecuteTemplate(w, "index.html", r.URL.Path); err != nil {
			log.Print(err)
		}
	})
	listener, err := net.Listen("tcp", ":8000")
	if err != nil {
		log.Fatal(err)
	}
	end, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	go http.Serve(listener, nil)
	fmt.Println("listening")
	<-end.Done()
}
