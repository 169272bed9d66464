# Keeps count of its visits in a temporary file.
use strict;
use warnings;
use File::Temp;
use HTTP::Daemon;

my $visits = File::Temp->new;
my $server = HTTP::Daemon->new(LocalPort => 8000, ReuseAddr => 1) or die "cannot listen: $!";
STDOUT->autoflush;
print "listening\n";
while (my $client = $server->accept) {
    while (my $request = $client->get_request) {
        print $visits '.';
        $client->send_response(200, 'OK', undef, 'visit ' . tell($visits) . "\n");
    }
}
