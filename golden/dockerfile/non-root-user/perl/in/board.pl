use Mojolicious::Lite;
get '/' => {text => "nothing on the board\n"};
app->start;
