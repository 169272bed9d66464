require('fs').appendFileSync('uploads/a', 'x');
