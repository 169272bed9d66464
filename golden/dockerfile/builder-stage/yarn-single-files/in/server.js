require('./lib/feed').listen(3000);
