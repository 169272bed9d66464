import pathlib

import flask
import psycopg2

app = flask.Flask(__name__)
password = pathlib.Path("/run/secrets/db-password").read_text()


@app.route("/")
def visit():
    db = psycopg2.connect(host="db", dbname="notes", user="postgres", password=password)
    with db, db.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS note (id serial)")
        cursor.execute("INSERT INTO note DEFAULT VALUES RETURNING id")
        number = cursor.fetchone()[0]
    db.close()
    return f"visit {number}\n"
