#!/usr/bin/perl
# Turns Debian's package index into two related NDJSON files: packages, and their relations.
#
#   apt-cache dumpavail | perl docs/samples/debian-index.pl packages.ndjson relations.ndjson
#
# Needs nothing that a Debian machine lacks (perl-base is essential); run 'apt-get update' before, once.
use strict;
use warnings;

@ARGV == 2 or die "usage: apt-cache dumpavail | $0 PACKAGES.ndjson RELATIONS.ndjson\n";
open(my $packages, '>', $ARGV[0]) or die "$ARGV[0]: $!\n";
open(my $relations, '>', $ARGV[1]) or die "$ARGV[1]: $!\n";

my @kinds = qw(Pre-Depends Depends Recommends Suggests Enhances Breaks Conflicts Replaces Provides);

sub text {
  my ($value) = @_;
  $value =~ s/(["\\])/\\$1/g;
  $value =~ s/([\x00-\x1f])/sprintf('\\u%04x', ord($1))/ge;
  return "\"$value\"";
}

# An object of the fields that have a value; those in @numbers are written as numbers.
sub object {
  my ($fields, @numbers) = @_;
  my %number = map { $_ => 1 } @numbers;
  my @parts;
  while (my ($name, $value) = splice(@$fields, 0, 2)) {
    next unless defined $value && $value ne '';
    push @parts, "\"$name\":" . ($number{$name} ? $value : text($value));
  }
  return '{' . join(',', @parts) . "}\n";
}

my ($package_count, $relation_count) = (0, 0);
$/ = '';    # one paragraph at a time
while (my $paragraph = <STDIN>) {
  my %f;
  my $name = '';
  for my $line (split /\n/, $paragraph) {
    if ($line =~ /^([^\s:]+):\s*(.*)$/) {
      ($name, $f{$1}) = ($1, $2);
    } elsif ($line =~ /^\s+(.*)$/ && $name ne '' && $name ne 'Description') {
      $f{$name} .= " $1";
    }
  }
  next unless defined $f{Package} && defined $f{Version};
  $package_count++;
  print $packages object([
      package => $f{Package}, version => $f{Version}, architecture => $f{Architecture},
      section => $f{Section}, priority => $f{Priority}, source => $f{Source},
      maintainer => $f{Maintainer}, installed_kib => $f{'Installed-Size'}, bytes => $f{Size},
      homepage => $f{Homepage}, description => $f{Description}],
    'installed_kib', 'bytes');

  for my $kind (@kinds) {
    next unless defined $f{$kind};
    my $position = 0;
    for my $choice (split /\s*,\s*/, $f{$kind}) {
      my $alternative = 0;
      for my $one (split /\s*\|\s*/, $choice) {
        $one =~ /^(\S+?)(?::(\S+))?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*(\S+)\s*\))?\s*$/ or next;
        $relation_count++;
        print $relations object([
            package => $f{Package}, version => $f{Version}, kind => lc($kind),
            position => $position, alternative => $alternative++, target => $1,
            target_architecture => $2, operator => $3, target_version => $4],
          'position', 'alternative');
      }
      $position++;
    }
  }
}
close($packages) or die "$ARGV[0]: $!\n";
close($relations) or die "$ARGV[1]: $!\n";
print "$package_count packages, $relation_count relations\n";
