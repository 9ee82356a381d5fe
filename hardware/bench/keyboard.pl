# keyboard.pl FIFO: a keyboard of the kernel's own (uinput) that types each line that is written to FIFO, and Enter after it. Capital letters,
# digits and hyphens. Perl, for every Debian has it and a shell cannot call ioctl.
use strict;
use warnings;

use constant {
    EV_SYN => 0, EV_KEY => 1, BUS_USB => 3,
    KEY_ENTER => 28, KEY_LEFTSHIFT => 42,
    UI_SET_EVBIT => 0x40045564, UI_SET_KEYBIT => 0x40045565, UI_DEV_CREATE => 0x5501,
    ABS_TABLES => 4 * 64 * 4, # four tables of axes, of which a keyboard has none
};

my %keys = ('-' => 12, '0' => 11, map({ $_ => $_ + 1 } 1 .. 9));
my $row = 16;
for my $letters ('QWERTYUIOP', 'ASDFGHJKL', 'ZXCVBNM') {
    my $key = $row;
    $keys{$_} = $key++ for split //, $letters;
    $row += 14;
}

open(my $device, '+<', '/dev/uinput') or die "uinput: $!";
ioctl($device, UI_SET_EVBIT, EV_KEY) or die "keys: $!";
ioctl($device, UI_SET_KEYBIT, $_) or die "key $_: $!" for KEY_ENTER, KEY_LEFTSHIFT, values %keys;
# struct uinput_user_dev: name, bus, vendor, product, version, effects
syswrite($device, pack('a80 S4 L', 'Bench wedge scanner', BUS_USB, 0x0C2E, 0x0200, 1, 0) . "\0" x ABS_TABLES) or die "description: $!";
ioctl($device, UI_DEV_CREATE, 0) or die "create: $!";

sub event { syswrite($device, pack('q q S S l', 0, 0, @_)) or die "event: $!" }

sub press {
    my ($key) = @_;
    for my $value (1, 0) {
        event(EV_KEY, $key, $value);
        event(EV_SYN, 0, 0);
    }
}

while (1) {
    open(my $lines, '<', $ARGV[0]) or die "$ARGV[0]: $!";
    while (my $line = <$lines>) {
        chomp $line;
        for my $letter (split //, $line) {
            my $shift = $letter =~ /[A-Z]/;
            event(EV_KEY, KEY_LEFTSHIFT, 1) if $shift;
            press($keys{$letter} // die "no key for $letter");
            event(EV_KEY, KEY_LEFTSHIFT, 0) if $shift;
        }
        press(KEY_ENTER);
    }
}
