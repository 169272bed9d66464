package main

import "database/sql"

func main() {
	db, err := sql.Open("sqlite3", "visits.db")
	serve(db, err)
}
