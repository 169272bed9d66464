package main

import (
	"log"
	"os/exec"
)

func main() {
	log.Fatal(exec.Command("git", "pull").Run())
}
