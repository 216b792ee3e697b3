#!/bin/sh
# Before removal; an upgrade calls it, too, with another word (deb) or a count of 1 (rpm).
set -e
case "$1" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now socialboards_exporter.service
    fi
    ;;
esac
