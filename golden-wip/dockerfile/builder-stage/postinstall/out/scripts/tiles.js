require('fs').writeFileSync('tiles.json', '[]');
