#!/bin/sh
# After installation and after an upgrade, of the deb and of the rpm.
set -e
user=socialboards-exporter
if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers socialboards_exporter.conf
elif ! getent passwd "$user" >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /var/lib/socialboards_exporter --shell /usr/sbin/nologin "$user"
fi
chgrp "$user" /etc/socialboards /etc/socialboards/socialboards.yml

# Not started on its own: without a token there is nothing it could do.
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart socialboards_exporter.service
fi
