CREATE TABLE entry (id serial);
