# manager.pl SOCKET LOG ARM: what systemd does for the gate, as far as the bench needs it. Writes each notice that comes on SOCKET (sd_notify) to LOG;
# once the file ARM is there, each sign of life feeds the machine's watchdog, and nothing else does.
use strict;
use warnings;
use Socket;

my ($path, $log, $arm) = @ARGV;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, sockaddr_un($path)) or die "$path: $!";
open(my $heard, '>', $log) or die "$log: $!";
$heard->autoflush(1);
my $watchdog;
while (defined recv($socket, my $notice, 256, 0)) {
    print $heard "$notice\n";
    next unless $notice =~ /^WATCHDOG=1/ and -e $arm;
    unless ($watchdog) {
        open($watchdog, '>', '/dev/watchdog') or die "watchdog: $!";
        print $heard "armed\n";
    }
    syswrite($watchdog, 'f') or die "watchdog: $!";
}
