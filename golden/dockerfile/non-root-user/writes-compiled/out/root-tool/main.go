package main

import "os"

func main() {
	os.MkdirAll("uploads", 0o755)
	serve()
}

func writeList() error {
	return os.WriteFile("list.txt", list(), 0o644)
}
