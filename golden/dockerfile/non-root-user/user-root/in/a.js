console.log('scan');
