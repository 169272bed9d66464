require('fs').appendFileSync('/var/log/shop/a.log', 'up\n');
