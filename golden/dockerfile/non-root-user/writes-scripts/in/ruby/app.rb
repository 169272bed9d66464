require "fileutils"
require "sqlite3"

FileUtils.mkdir_p "exports"
File.open("log/app.log", "a") { |file| file.puts "up" }
db = SQLite3::Database.new "db/app.sqlite3"
