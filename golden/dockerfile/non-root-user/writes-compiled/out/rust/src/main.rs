use std::fs;

fn main() {
    fs::create_dir_all("blobs/new").unwrap();
    let pool = Pool::connect("sqlite://db/app.sqlite?mode=rwc");
}
