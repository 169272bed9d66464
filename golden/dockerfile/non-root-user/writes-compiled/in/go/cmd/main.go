package main

import "os"

const dataDir = "./data"

func main() {
	os.MkdirAll(dataDir+"/files", 0o755)
	log, _ := os.OpenFile("logs/server.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	settings, _ := os.OpenFile("settings/app.toml", os.O_RDONLY, 0)
	defer log.Close()
	defer settings.Close()
}
