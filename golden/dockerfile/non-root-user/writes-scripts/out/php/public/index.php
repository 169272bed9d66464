<?php
$pdo = new PDO('sqlite:' . __DIR__ . '/../db/shop.sqlite');
$log = fopen(__DIR__ . "/../log/shop.log", "a");
move_uploaded_file($_FILES["f"]["tmp_name"], "uploads/" . basename($_FILES["f"]["name"]));
