/* Edits: exact bytes for every kind of place, and every place of the corpora. */
#include "yaml_edit.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum action { ADD_KEY, ADD_BEFORE, ADD_ITEM, REPLACE, REMOVE, ACTIONS };

#define TEXT(string)                                                                                                   \
    { .kind = YAML_SCALAR, .text = STR_INIT(string) }
#define QUOTED(string)                                                                                                 \
    { .kind = YAML_SCALAR, .text = STR_INIT(string), .is_quoted = true }

static const struct yaml_value all[] = {TEXT("ALL")};
static const struct yaml_value caps[] = {
    {.kind = YAML_SEQUENCE, .key = STR_INIT("drop"), .children = all, .n = 1},
};
static const struct yaml_value context[] = {
    {.kind = YAML_SCALAR, .key = STR_INIT("privileged"), .text = STR_INIT("false")},
    {.kind = YAML_MAPPING, .key = STR_INIT("caps"), .children = caps, .n = 1},
};
static const struct yaml_value scalar = {.kind = YAML_SCALAR, .key = STR_INIT("k"), .text = STR_INIT("v")};
static const struct yaml_value string = {
    .kind = YAML_SCALAR, .key = STR_INIT("k"), .text = STR_INIT("1:1"), .is_quoted = true};
static const struct yaml_value flag = {.kind = YAML_SCALAR, .key = STR_INIT("k"), .text = STR_INIT("true")};
static const struct yaml_value list = {.kind = YAML_SEQUENCE, .key = STR_INIT("k"), .children = all, .n = 1};
static const struct yaml_value nested = {.kind = YAML_MAPPING, .key = STR_INIT("sec"), .children = context, .n = 2};
static const struct yaml_value empty = {.kind = YAML_MAPPING, .key = STR_INIT("k")};
static const struct yaml_value odd = {.kind = YAML_SCALAR, .key = STR_INIT("a b: c"), .text = STR_INIT("x: #'\"\n")};

struct edit_case {
    const char *before;
    const char *path; /* keys and item numbers, "/" between them */
    enum action action;
    const struct yaml_value *value;
    const char *after; /* NULL: refused */
};

static const struct edit_case cases[] = {
    /* block mappings */
    {"a: 1\n", "", ADD_KEY, &scalar, "a: 1\nk: v\n"},
    {"a: 1", "", ADD_KEY, &scalar, "a: 1\nk: v"},
    {"\xef\xbb\xbf"
     "a: 1\n",
     "", ADD_KEY, &scalar,
     "\xef\xbb\xbf"
     "a: 1\nk: v\n"},
    {"a: 1\r\nb: 2\r\n", "", ADD_KEY, &nested,
     "a: 1\r\nb: 2\r\nsec:\r\n  privileged: false\r\n  caps:\r\n    drop:\r\n      - ALL\r\n"},
    {"a: 1 # c\n\n# d\n", "", ADD_KEY, &scalar, "a: 1 # c\nk: v\n\n# d\n"},
    {"a:\n  b: 1\n  # c: 2\n\nd: 3\n", "a", ADD_KEY, &scalar, "a:\n  b: 1\n  k: v\n  # c: 2\n\nd: 3\n"},
    {"- a: 1\n- b: 2\n", "0", ADD_KEY, &scalar, "- a: 1\n  k: v\n- b: 2\n"},
    {"x:\n-   a: 1\n", "x/0", ADD_KEY, &scalar, "x:\n-   a: 1\n    k: v\n"},
    {"a: 1\n---\nb: 2\n...\n", "", ADD_KEY, &scalar, "a: 1\nk: v\n---\nb: 2\n...\n"},
    {"? a\n: b\n", "", ADD_KEY, &scalar, "? a\n: b\nk: v\n"},
    {"? a\n", "", ADD_KEY, &scalar, "? a\nk: v\n"},
    {"? a: 1\n: b\n", "?", ADD_KEY, &scalar, NULL},
    {"&x a: &y !t\n  b: 1\n", "a", ADD_KEY, &scalar, "&x a: &y !t\n  b: 1\n  k: v\n"},
    {"a: 1\nk: 2\n", "", ADD_KEY, &scalar, NULL},
    {"b: &b {x: 1}\na: *b\n", "a", ADD_KEY, &scalar, NULL},
    {"b: &b {x: 1}\na: *b\n", "", ADD_KEY, &scalar, "b: &b {x: 1}\na: *b\nk: v\n"},
    {"a: text\n", "a", ADD_KEY, &scalar, NULL},
    /* the last leaf */
    {"a:\n  b: |\n    x\n\n\nc: 1\n", "a", ADD_KEY, &scalar, "a:\n  b: |\n    x\n  k: v\n\n\nc: 1\n"},
    {"a:\n  b: |+\n    x\n\nc: 1\n", "a", ADD_KEY, &scalar, "a:\n  b: |+\n    x\n\n  k: v\nc: 1\n"},
    {"a: |+\r\n  x\r\n\r\n", "", ADD_KEY, &scalar, "a: |+\r\n  x\r\n\r\nk: v\r\n"},
    {"a: |2\n    x\n     \n\n", "", ADD_KEY, &scalar, "a: |2\n    x\n     \nk: v\n\n"},
    {"a: | # c\n\n\n", "", ADD_KEY, &scalar, "a: | # c\nk: v\n\n\n"},
    {"a: >-\n  x\n  y\n", "", ADD_KEY, &scalar, "a: >-\n  x\n  y\nk: v\n"},
    {"a: >-\n  x", "", ADD_KEY, &scalar, "a: >-\n  x\nk: v"},
    {"b: 1\n# about a\na: |\n  x", "", ADD_KEY, &scalar, "b: 1\nk: v\n# about a\na: |\n  x"},
    {"- |\n  x", "", ADD_ITEM, &scalar, NULL},
    {"a: x\n  y # c\nb: 1\n", "", ADD_KEY, &scalar, "a: x\n  y # c\nb: 1\nk: v\n"},
    {"x:\n  a: p\n    q # c\nb: 1\n", "x", ADD_KEY, &scalar, "x:\n  a: p\n    q # c\n  k: v\nb: 1\n"},
    {"a: \"x\n  y\"\n", "", ADD_KEY, &scalar, "a: \"x\n  y\"\nk: v\n"},
    {"a: [1,\n  2] # c\n", "", ADD_KEY, &scalar, "a: [1,\n  2] # c\nk: v\n"},
    {"a:\n- b\n- c:\nd: 1\n", "a/1", ADD_KEY, &scalar, "a:\n- b\n- c:\n  k: v\nd: 1\n"},
    {"a:\n", "", ADD_KEY, &scalar, "a:\nk: v\n"},
    {"a: &x # c\n", "", ADD_KEY, &scalar, "a: &x # c\nk: v\n"},
    {"a: \xc3\xa9\xe2\x82\xac # \xc3\xa9\nb: \xc3\xa9\n", "", ADD_KEY, &scalar,
     "a: \xc3\xa9\xe2\x82\xac # \xc3\xa9\nb: \xc3\xa9\nk: v\n"},
    {"a: 1 # x\xc2\x85"
     "b: 2\n",
     "", ADD_KEY, &scalar,
     "a: 1 # x\xc2\x85"
     "b: 2\nk: v\n"},
    {"x:\n  a: 1 # \xe2\x80\xa8y: 2\n", "x", ADD_KEY, &scalar, NULL},
    {"a: x\xe2\x80\xa8 \t\n", "a", REPLACE, &scalar, NULL},
    {"a: x\xc2\x85 \t\n", "a", REPLACE, &scalar, NULL},
    {"a: 1\rb: 2\n", "a", REPLACE, &scalar, "a: v\rb: 2\n"},
    {"a: 1\n \t\nb: 2\n", "", ADD_KEY, &scalar, "a: 1\n \t\nb: 2\nk: v\n"},
    {"a:\n  b: 1\n   \t\nc: 2\n", "a", ADD_KEY, &scalar, NULL},
    /* indentation and lists as in the file, or as beside it */
    {"a:\n    b: 1\n", "a", ADD_KEY, &nested,
     "a:\n    b: 1\n    sec:\n        privileged: false\n        caps:\n            drop:\n              - ALL\n"},
    {"a:\n- 1\nb:\n  c: 1\n", "b", ADD_KEY, &list, "a:\n- 1\nb:\n  c: 1\n  k:\n  - ALL\n"},
    {"a:\n- 1\nb:\n  c:\n    - 1\n", "b", ADD_KEY, &list, "a:\n- 1\nb:\n  c:\n    - 1\n  k:\n    - ALL\n"},
    {"a: 1\n", "", ADD_KEY, &empty, "a: 1\nk: {}\n"},
    /* before a key */
    {"a: 1\n\n# b\n# bb\nb: 2\n", "", ADD_BEFORE, &scalar, "a: 1\n\nk: v\n# b\n# bb\nb: 2\n"},
    {"x:\n  a: 1\n  # b\n  b: 2\n", "x", ADD_BEFORE, &scalar, "x:\n  a: 1\n  k: v\n  # b\n  b: 2\n"},
    {"x:\n  a:\n    c: |\n      # t\n  b: 2\n", "x", ADD_BEFORE, &scalar,
     "x:\n  a:\n    c: |\n      # t\n  k: v\n  b: 2\n"},
    {"x:\n  a:\n    c: 1\n    # d: 2\n  b: 2\n", "x", ADD_BEFORE, &scalar,
     "x:\n  a:\n    c: 1\n    # d: 2\n  k: v\n  b: 2\n"},
    {"# about the file\nb: 2\n", "", ADD_BEFORE, &scalar, "# about the file\nk: v\nb: 2\n"},
    {"- a: 1\n", "0", ADD_BEFORE, &scalar, "- a: 1\n  k: v\n"},
    {"{a: 1}\n", "", ADD_BEFORE, &scalar, "{a: 1, k: v}\n"},
    {"?\n- a\n: b\n", "", ADD_BEFORE, &scalar, "?\n- a\n: b\nk: v\n"},
    /* block sequences */
    {"a:\n- 1\n# c\nb: 2\n", "a", ADD_ITEM, &scalar, "a:\n- 1\n- v\n# c\nb: 2\n"},
    {"a:\n  - b: 1\n    c: 2\n", "a", ADD_ITEM, &nested,
     "a:\n  - b: 1\n    c: 2\n  - privileged: false\n    caps:\n      drop:\n        - ALL\n"},
    {"-   a: 1\n", "", ADD_ITEM, &nested, "-   a: 1\n-   privileged: false\n    caps:\n      drop:\n        - ALL\n"},
    {"- 'a'\n- 'b'\n", "", ADD_ITEM, &scalar, "- 'a'\n- 'b'\n- 'v'\n"},
    {"- - a\n", "0", ADD_ITEM, &scalar, "- - a\n  - v\n"},
    /* quotes */
    {"a: 1\n", "", ADD_KEY, &string, "a: 1\nk: \"1:1\"\n"},
    {"a: 'x'\nb: y\n", "", ADD_KEY, &string, "a: 'x'\nb: y\nk: '1:1'\n"},
    {"a: 'x'\nb: \"y\"\n", "", ADD_KEY, &string, "a: 'x'\nb: \"y\"\nk: \"1:1\"\n"},
    {"a: 1\n", "", ADD_KEY, &odd, "a: 1\n\"a b: c\": \"x: #'\\\"\\n\"\n"},
    /* flow style */
    {"a: {b: 1}\n", "a", ADD_KEY, &nested, "a: {b: 1, sec: {privileged: false, caps: {drop: [ALL]}}}\n"},
    {"a: { b: 1 } # c\n", "a", ADD_KEY, &nested,
     "a: { b: 1, sec: { privileged: false, caps: { drop: [ALL] } } } # c\n"},
    {"a: {}\n", "a", ADD_KEY, &scalar, "a: {k: v}\n"},
    {"a: { }\n", "a", ADD_KEY, &scalar, "a: { k: v }\n"},
    {"a: [] # c\n", "a", ADD_ITEM, &scalar, "a: [v] # c\n"},
    {"a: [x, y,]\n", "a", ADD_ITEM, &scalar, "a: [x, y, v,]\n"},
    {"a: [\"x\"]\n", "a", ADD_ITEM, &scalar, "a: [\"x\", \"v\"]\n"},
    {"a: {b: , c}\n", "a/b", ADD_KEY, &scalar, "a: {b: {k: v} , c}\n"},
    {"a: {b: }\n", "a", ADD_KEY, &scalar, "a: {b: , k: v }\n"},
    {"a: {b}\n", "a", ADD_KEY, &scalar, "a: {b, k: v}\n"},
    {"a: {b}\n", "a/b", ADD_KEY, &scalar, NULL},
    {"a: [b: 1]\n", "a/0", ADD_KEY, &scalar, NULL},
    {"a: [b: 1]\n", "a", ADD_ITEM, &scalar, "a: [b: 1, v]\n"},
    {"{a: b}: c\n", "?", ADD_KEY, &scalar, NULL},
    {"a: [\n  x, # c\n  y # d\n  # e\n]\n", "a", ADD_ITEM, &scalar, "a: [\n  x, # c\n  y, # d\n  v\n  # e\n]\n"},
    {"a: [\n  x, # c\n]\n", "a", ADD_ITEM, &scalar, "a: [\n  x, # c\n  v,\n]\n"},
    {"a: [\n  x]\n", "a", ADD_ITEM, &scalar, "a: [\n  x,\n  v]\n"},
    {"a: {\n  # c\n}\n", "a", ADD_KEY, &scalar, "a: {\n  k: v\n  # c\n}\n"},
    {"a: {\n  b: [ ]\n}\n", "a/b", ADD_ITEM, &scalar, "a: {\n  b: [ v ]\n}\n"},
    {"a: {\n  b: []\n}\n", "a/b", ADD_ITEM, &scalar, "a: {\n  b: [\n    v\n  ]\n}\n"},
    {"a: {b: 1 # c\n  }\n", "a", ADD_KEY, &scalar, "a: {b: 1, k: v # c\n  }\n"},
    /* JSON */
    {"{\"a\":1,\"b\":[]}", "", ADD_KEY, &list, "{\"a\":1,\"b\":[],\"k\":[\"ALL\"]}"},
    {"{\"a\": {\"b\": 1}, \"c\": 2}\n", "a", ADD_KEY, &nested,
     "{\"a\": {\"b\": 1, \"sec\": {\"privileged\": false, \"caps\": {\"drop\": [\"ALL\"]}}}, \"c\": 2}\n"},
    {"{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}\n", "a", ADD_KEY, &nested,
     "{\n\t\"a\": {\n\t\t\"b\": 1,\n\t\t\"sec\": {\n\t\t\t\"privileged\": false,\n\t\t\t\"caps\": {\n"
     "\t\t\t\t\"drop\": [\n\t\t\t\t\t\"ALL\"\n\t\t\t\t]\n\t\t\t}\n\t\t}\n\t}\n}\n"},
    {"{\r\n    \"a\": {}\r\n}\r\n", "a", ADD_KEY, &flag, "{\r\n    \"a\": {\r\n        \"k\": true\r\n    }\r\n}\r\n"},
    {"{\n  \"a\": null\n}\n", "a", ADD_KEY, &string, "{\n  \"a\": {\n    \"k\": \"1:1\"\n  }\n}\n"},
    {"{\"a\" : 1, \"b\" : \"x\"}\n", "b", REPLACE, &flag, "{\"a\" : 1, \"b\" : true}\n"},
    {"[\n  {\n    \"a\": 1\n  }\n]\n", "", ADD_ITEM, &caps[0],
     "[\n  {\n    \"a\": 1\n  },\n  [\n    \"ALL\"\n  ]\n]\n"},
    /* null values */
    {"a:\nb: 1\n", "a", ADD_KEY, &scalar, "a:\n  k: v\nb: 1\n"},
    {"a: # c\nb: 1\n", "a", ADD_KEY, &scalar, "a: # c\n  k: v\nb: 1\n"},
    {"a: null # c\nb: 1\n", "a", ADD_KEY, &scalar, "a: # c\n  k: v\nb: 1\n"},
    {"a: ~\n", "a", ADD_ITEM, &scalar, "a:\n  - v\n"},
    {"a: ~", "a", ADD_ITEM, &scalar, "a:\n  - v"},
    {"b:\n- 1\na:\n", "a", ADD_ITEM, &scalar, "b:\n- 1\na:\n- v\n"},
    {"a: &x\n", "a", ADD_KEY, &scalar, "a: &x\n  k: v\n"},
    {"a: ~\t# c\nb: 1\n", "a", ADD_ITEM, &scalar, "a:\t# c\n  - v\nb: 1\n"},
    {"a:\t# c\nb: 1\n", "a", ADD_ITEM, &scalar, "a:\t# c\n  - v\nb: 1\n"},
    {"- ~\t# c\n", "0", ADD_ITEM, &scalar, NULL},
    {"? a\n: ~\t# c\n", "a", ADD_ITEM, &scalar, NULL},
    {"a: !reset null\n", "a", ADD_KEY, &scalar, NULL},
    {"a:\n  null # c\n", "a", ADD_KEY, &nested,
     "a:\n  sec:\n    privileged: false\n    caps:\n      drop:\n        - ALL # c\n"},
    {"- \n- 1\n", "0", ADD_KEY, &scalar, "- k: v \n- 1\n"},
    {"-\n- 1\n", "0", ADD_ITEM, &scalar, "- - v\n- 1\n"},
    {"- # c\n- 1\n", "0", ADD_KEY, &context[1], "- # c\n  caps:\n    drop:\n      - ALL\n- 1\n"},
    {"? a\n", "a", ADD_KEY, &scalar, NULL},
    {"~\n", "", ADD_KEY, &scalar, NULL},
    /* replaced scalars */
    {"a: true # c\n", "a", REPLACE, &string, "a: \"1:1\" # c\n"},
    {"a: 'x'\n", "a", REPLACE, &scalar, "a: 'v'\n"},
    {"a: \"x\n  y\"\n", "a", REPLACE, &flag, "a: true\n"},
    {"a: |\n  x\n  y\n\nb: 1\n", "a", REPLACE, &scalar, "a: v\n\nb: 1\n"},
    {"a: &x !t x\n", "a", REPLACE, &scalar, "a: &x !t v\n"},
    {"a: # c\n", "a", REPLACE, &scalar, "a: v # c\n"},
    {"a: x # c\n", "a", REPLACE, &list, "a: # c\n  - ALL\n"},
    {"a: [x, y]\n", "a/1", REPLACE, &odd, "a: [x, \"x: #'\\\"\\n\"]\n"},
    {"a: [x]\n", "a", REPLACE, &scalar, NULL},
    /* replaced aliases */
    {"b: &b x\na: *b # c\n", "a", REPLACE, &list, "b: &b x\na: # c\n  - ALL\n"},
    {"b: &b x\na: *b\t# c\n", "a", REPLACE, &list, "b: &b x\na:\t# c\n  - ALL\n"},
    {"b: &b x\na: *b", "a", REPLACE, &nested, "b: &b x\na:\n  privileged: false\n  caps:\n    drop:\n      - ALL"},
    {"- &b x\n- *b\n", "1", REPLACE, &list, "- &b x\n- - ALL\n"},
    {"- &b x\n- *b # c\n", "1", REPLACE, &list, "- &b x\n- # c\n  - ALL\n"},
    {"{b: &b x, a: *b , c: *b}\n", "a", REPLACE, &list, "{b: &b x, a: [ALL] , c: *b}\n"},
    {"b: &b x\n*b : y\n", "", ADD_KEY, &scalar, "b: &b x\n*b : y\nk: v\n"},
    /* removed items and keys of block collections */
    {"a:\n  - x\n  - y\n", "a/0", REMOVE, NULL, "a:\n  - y\n"},
    {"a:\n- x # c\n- y\nb: 1\n", "a/1", REMOVE, NULL, "a:\n- x # c\nb: 1\n"},
    {"a:\n- x # c\n- y\nb: 1\n", "a/0", REMOVE, NULL, "a:\n- y\nb: 1\n"},
    {"a:\r\n  - x\r\n  - y\r\n", "a/1", REMOVE, NULL, "a:\r\n  - x\r\n"},
    {"a:\r\n  - x\r\n  - y", "a/1", REMOVE, NULL, "a:\r\n  - x"},
    {"a:\n  - x\n  - y", "a/0", REMOVE, NULL, "a:\n  - y"},
    {"a: 1\nb: 2", "b", REMOVE, NULL, "a: 1"},
    {"a: 1\nb: 2 # c\n\n# d\nc: 3\n", "b", REMOVE, NULL, "a: 1\n\n# d\nc: 3\n"},
    {"a: 1\nb:\n- x\n- y # c\nc: 3\n", "b", REMOVE, NULL, "a: 1\nc: 3\n"},
    {"x:\n  b:\n    - y\n    # - z\n  c: 3\n", "x/b", REMOVE, NULL, "x:\n    # - z\n  c: 3\n"},
    {"a:\n  - |\n    x\n\n  - y\n", "a/0", REMOVE, NULL, "a:\n\n  - y\n"},
    {"a:\n  - [x,\n     z] # c\n  - y\n", "a/0", REMOVE, NULL, "a:\n  - y\n"},
    {"- a: 1\n  b: 2\n", "0/b", REMOVE, NULL, "- a: 1\n"},
    {"- - x\n  - y\n", "0/1", REMOVE, NULL, "- - x\n"},
    {"a:\n  -\n  - y\n", "a/0", REMOVE, NULL, "a:\n  - y\n"},
    {"b: &b 1\na:\n  - *b\n  - y\n", "a/0", REMOVE, NULL, "b: &b 1\na:\n  - y\n"},
    /* comment lines directly above speak of it, if they are indented alike */
    {"a:\n  # c\n  # d\n  - x\n  # e\n  - y\n", "a/0", REMOVE, NULL, "a:\n  # e\n  - y\n"},
    {"a:\n  - x\n  # c\n\n  # d\n  - y\n", "a/1", REMOVE, NULL, "a:\n  - x\n  # c\n\n"},
    {"a:\n  - x\n# c\n  - y\n", "a/1", REMOVE, NULL, "a:\n  - x\n# c\n"},
    {"# about the file\na: 1\nb: 2\n", "a", REMOVE, NULL, "# about the file\nb: 2\n"},
    {"a:\n  - |\n    # t\n  # c\n  - x\n  - y\n", "a/2", REMOVE, NULL, "a:\n  - |\n    # t\n  # c\n  - x\n"},
    /* refused: nothing would be left, others use it, what follows would become a part of what is before */
    {"a:\n  - x\n", "a/0", REMOVE, NULL, NULL},
    {"a:\n  b: 1\n", "a/b", REMOVE, NULL, NULL},
    {"a:\n  - &x x\n  - y\n", "a/0", REMOVE, NULL, NULL},
    {"a:\n  - b: [&x x]\n  - y\n", "a/0", REMOVE, NULL, NULL},
    {"a: &x [1]\nb: 2\n", "a", REMOVE, NULL, NULL},
    {"a:\n  - !t x\n  - y\n", "a/0", REMOVE, NULL, NULL},
    {"- - x\n  - y\n", "0/0", REMOVE, NULL, NULL},
    {"- a: 1\n  b: 2\n", "0/a", REMOVE, NULL, NULL},
    {"? a\n: 1\nb: 2\n", "a", REMOVE, NULL, NULL},
    {"?\n- a\n: 1\n? b\n", "?", REMOVE, NULL, NULL},
    {"? >\n a\nb:\n", "b", REMOVE, NULL, NULL},
    {"a:\n  - |+\n    x\n  - y\n\nb: 1\n", "a/1", REMOVE, NULL, NULL},
    {"a:\n  b: 1\n  c: 1\n   \t\nd: 2\n", "a/c", REMOVE, NULL, NULL},
    {"{a: 1, b: 2}: c\n", "?/a", REMOVE, NULL, NULL},
    {"- ? x\n\xef\xbb\xbf :\n- y\n", "0", REMOVE, NULL, NULL},
    /* in flow collections, with a comma */
    {"a: [x, y, z] # c\n", "a/0", REMOVE, NULL, "a: [y, z] # c\n"},
    {"a: [x, y, z]\n", "a/1", REMOVE, NULL, "a: [x, z]\n"},
    {"a: [x, y, z]\n", "a/2", REMOVE, NULL, "a: [x, y]\n"},
    {"a: [ x , y ]\n", "a/0", REMOVE, NULL, "a: [ y ]\n"},
    {"a: [x, y,]\n", "a/1", REMOVE, NULL, "a: [x,]\n"},
    {"{a: 1, b: [x], c: 3}\n", "b", REMOVE, NULL, "{a: 1, c: 3}\n"},
    {"{\"a\":1,\"b\":[]}", "a", REMOVE, NULL, "{\"b\":[]}"},
    {"a: [x,\n  y, z]\n", "a/1", REMOVE, NULL, "a: [x, z]\n"},
    {"a: [\n  x, # c\n  y # d\n]\n", "a/0", REMOVE, NULL, "a: [\n  y # d\n]\n"},
    {"a: [\n  x, # c\n  y # d\n]\n", "a/1", REMOVE, NULL, "a: [\n  x # c\n]\n"},
    {"a: [\n  x,\n  y,\n]\n", "a/1", REMOVE, NULL, "a: [\n  x,\n]\n"},
    {"a: [ # l\n  # c\n  x, # d\n  # e\n  y,\n]\n", "a/0", REMOVE, NULL, "a: [ # l\n  # e\n  y,\n]\n"},
    {"a: [\n  x, # d\n  # e\n  y\n]\n", "a/1", REMOVE, NULL, "a: [\n  x # d\n]\n"},
    {"{\r\n  \"a\": 1,\r\n  \"b\": {\r\n    \"c\": 1\r\n  }\r\n}\r\n", "b", REMOVE, NULL, "{\r\n  \"a\": 1\r\n}\r\n"},
    {"a: [\n  x,\n  y]\n", "a/1", REMOVE, NULL, "a: [\n  x]\n"},
    {"a: [x, # c\n  y]\n", "a/1", REMOVE, NULL, NULL},
    {"a: [\n  x,# c\n  y\n]\n", "a/1", REMOVE, NULL, NULL},
    {"a: [x, &y y]\n", "a/0", REMOVE, NULL, NULL},
    {"a: {b: , c: 1}\n", "a/c", REMOVE, NULL, NULL},
    {"a: {? b : 1, c: 1}\n", "a/b", REMOVE, NULL, NULL},
    {"a: [b: 1]\n", "a/0/b", REMOVE, NULL, NULL},
    {"a: [x #\xe2\x80\xa8, y]", "a/0", REMOVE, NULL, NULL},
};

static struct yaml *parse(struct arena *arena, struct str text, struct diags *diags) {
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("test.yaml"), text, FORMAT_KUBE);
    return yaml_parse(arena, source, diags);
}

/* "?" is the first key of a mapping. */
static struct yaml_node *find(struct yaml *yaml, const char *path) {
    struct yaml_node *node = yaml->documents.at[0].root;
    struct str rest = str_of(path), part;
    while (node && rest.n && str_cut(&rest, '/', &part)) {
        uint32_t i;
        if (str_eq(part, STR("?")))
            node = node->pairs[0].key;
        else if (node->kind == YAML_SEQUENCE && str_number(part, node->n - 1, &i))
            node = node->items[i];
        else
            node = yaml_own(node, part);
    }
    return node;
}

static const struct yaml_pair *pair_of(const struct yaml_node *value) {
    const struct yaml_pair *pair = value->parent->pairs;
    while (pair->value != value && pair->key != value)
        pair++;
    return pair;
}

/* An item, or the pair with this value. */
static bool remove_node(struct yaml *yaml, struct yaml_node *node, struct edits *edits) {
    struct yaml_node *parent = node->parent;
    if (parent->kind == YAML_MAPPING)
        return yaml_remove_key(yaml, parent, pair_of(node), edits);
    bool *goes = arena_array(edits->arena, parent->n, sizeof *goes);
    for (uint32_t i = 0; i < parent->n; i++)
        goes[i] = parent->items[i] == node;
    return yaml_remove_items(yaml, parent, goes, edits);
}

static bool act(struct yaml *yaml, struct yaml_node *node, enum action action, const struct yaml_value *value,
                struct edits *edits) {
    switch (action) {
    case ADD_KEY:
        return yaml_add_key(yaml, node, value, edits);
    case ADD_BEFORE:
        return node->kind == YAML_MAPPING && node->n &&
               yaml_add_key_before(yaml, node, &node->pairs[node->n - 1], value, edits);
    case ADD_ITEM:
        return yaml_add_item(yaml, node, value, edits);
    case REMOVE:
        return node->parent && remove_node(yaml, node, edits);
    default:
        return yaml_replace(yaml, node, value, edits);
    }
}

/* Whether the edited text parses and has lost nothing but what was to go. */
static bool is_sound(struct arena *arena, struct yaml *before, struct str after, enum action action,
                     const struct yaml_node *node) {
    struct diags diags = {.arena = arena};
    struct yaml *result = parse(arena, after, &diags);
    struct yaml_changes *changes = arena_new(arena, struct yaml_changes);
    const struct yaml_node *lost;
    if (action == REPLACE)
        *vec_push(arena, &changes->replaced) = node;
    if (action == REMOVE)
        *vec_push(arena, &changes->removed) = node->parent->kind == YAML_MAPPING ? pair_of(node)->key : node;
    if (action == REMOVE && result && yaml_extends(before, result, NULL, &lost))
        return false;
    return result && yaml_extends(before, result, changes, &lost);
}

Test(edit, exact_bytes) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct edit_case *c = &cases[i];
        ARENA(arena);
        struct diags diags = {.arena = &arena};
        struct edits edits = {.arena = &arena};
        struct yaml *yaml = parse(&arena, str_of(c->before), &diags);
        cr_assert(yaml, "case %zu: %s", i, diags.list.n ? diags.list.at[0].message.p : "");
        struct yaml_node *node = find(yaml, c->path);
        cr_assert(node, "case %zu: no node %s", i, c->path);
        bool is_planned = act(yaml, node, c->action, c->value, &edits);
        cr_expect(is_planned == (c->after != NULL), "case %zu: %s\n%s", i, is_planned ? "planned" : "refused",
                  c->before);
        cr_expect(c->action == REMOVE ? (edits.list.n > 0) == is_planned : edits.list.n == is_planned);
        if (!is_planned || !c->after)
            continue;
        struct str after = edits_apply(&arena, yaml->source->text, &edits);
        cr_expect_str_eq(after.p, c->after, "case %zu\n--- is\n%s\n--- should be\n%s", i, after.p, c->after);
        cr_expect(is_sound(&arena, yaml, after, c->action, node), "case %zu is not sound", i);
    }
}

Test(edit, same_point_deeper_first_then_list_order) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct edits edits = {.arena = &arena};
    struct yaml *yaml = parse(&arena, STR("spec:\n  containers:\n  - name: a # last\n"), &diags);
    struct yaml_node *spec = find(yaml, "spec"), *container = find(yaml, "spec/containers/0");
    cr_assert(yaml_add_key(yaml, spec, &scalar, &edits));
    cr_assert(yaml_add_key(yaml, spec, &nested, &edits));
    cr_assert(yaml_add_key(yaml, container, &flag, &edits));
    cr_assert(yaml_add_item(yaml, find(yaml, "spec/containers"), &scalar, &edits));
    for (uint32_t i = 0; i < edits.list.n; i++)
        for (uint32_t k = i + 1; k < edits.list.n; k++)
            cr_expect_not(edit_conflicts(&edits.list.at[i], &edits.list.at[k]));
    cr_expect_str_eq(edits_apply(&arena, yaml->source->text, &edits).p,
                     "spec:\n  containers:\n  - name: a # last\n    k: true\n  - v\n  k: v\n  sec:\n"
                     "    privileged: false\n    caps:\n      drop:\n      - ALL\n");
}

Test(edit, several_keys_behind_a_comment) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct edits edits = {.arena = &arena};
    struct yaml *yaml = parse(&arena, STR("{\n  a: 1 # c\n}\n"), &diags);
    struct yaml_node *root = find(yaml, "");
    cr_assert(yaml_add_key(yaml, root, &scalar, &edits));
    cr_assert(yaml_add_key(yaml, root, &list, &edits));
    cr_expect_not(edits_meet(&edits));
    cr_expect_str_eq(edits_apply(&arena, yaml->source->text, &edits).p,
                     "{\n  a: 1, # c\n  k: v,\n  k: [\n    ALL\n  ]\n}\n");
}

Test(edit, conflicts) {
    int owner, other;
    static const struct {
        struct edit a, b;
        bool conflict;
    } table[] = {
        {{.at = {0, 4}}, {.at = {4, 8}}, false},
        {{.at = {0, 4}}, {.at = {3, 8}}, true},
        {{.at = {0, 4}}, {.at = {0, 0}}, false},
        {{.at = {0, 4}}, {.at = {4, 4}}, false},
        {{.at = {0, 4}}, {.at = {2, 2}}, true},
        {{.at = {2, 2}}, {.at = {2, 2}}, false},
        {{.at = {0, 4}}, {.at = {0, 4}}, true},
        {{.at = {0, 4}, .removed = ""}, {.at = {4, 4}}, true},
        {{.at = {0, 4}, .removed = ""}, {.at = {0, 0}}, false},
        /* behind the comments below what goes, but a part of it */
        {{.at = {0, 4}, .removed = ""}, {.at = {9, 9}, .owner = "", .home = 2}, true},
        {{.at = {0, 4}, .removed = ""}, {.at = {9, 9}, .owner = "", .home = 4}, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cr_expect(edit_conflicts(&table[i].a, &table[i].b) == table[i].conflict, "row %zu", i);
        cr_expect(edit_conflicts(&table[i].b, &table[i].a) == table[i].conflict, "row %zu, turned", i);
    }
    struct edit a = {.owner = &owner, .key = STR("k")}, b = {.owner = &owner, .key = STR("l")};
    cr_expect_not(edit_conflicts(&a, &b));
    cr_expect(edit_conflicts(&a, &a));
    b.key = STR("");
    cr_expect(edit_conflicts(&a, &b));
    b.owner = &other;
    cr_expect_not(edit_conflicts(&a, &b));
}

/* Random edits: a set says of each what comparing it with all others says. */
Test(edit, sets) {
    static const char *const keys[] = {"", "k", "l"};
    uint32_t n_fit = 0, n_conflicts = 0;
    srand(1);
    for (int round = 0; round < 300; round++) {
        ARENA(arena);
        struct edit_set set = {.edits = {.arena = &arena}};
        struct edits every = {.arena = &arena};
        bool meet = false;
        for (int i = 0; i < 30; i++) {
            uint32_t start = (uint32_t)rand() % 5000, length = rand() % 3 ? 0 : (uint32_t)rand() % 600;
            struct edits fix = {.arena = &arena};
            *vec_push(&arena, &fix.list) = (struct edit){
                .at = {start, start + length},
                .owner = rand() % 2 ? keys[rand() % 3] : NULL,
                .home = (uint32_t)rand() % 5000,
                .key = str_of(keys[rand() % 3]),
                .removed = length && rand() % 2 ? keys : NULL,
                .is_copied = rand() % 2,
            };
            bool does_conflict = false, has_met = false;
            for (uint32_t k = 0; k < set.edits.list.n; k++)
                does_conflict |= edit_conflicts(&fix.list.at[0], &set.edits.list.at[k]);
            for (uint32_t k = 0; k < every.list.n; k++)
                has_met |= edit_conflicts(&fix.list.at[0], &every.list.at[k]);
            cr_expect_eq(edit_set_fits(&set, &fix), !does_conflict, "round %d, edit %d", round, i);
            if (!does_conflict)
                edit_set_add(&set, &fix);
            *vec_push(&arena, &every.list) = fix.list.at[0];
            meet |= has_met;
            cr_expect_eq(edits_meet(&every), meet, "round %d, list of %d", round, i + 1);
            n_fit += !does_conflict;
            n_conflicts += does_conflict;
        }
    }
    cr_expect(n_fit > 1000 && n_conflicts > 1000, "%u fit, %u do not", n_fit, n_conflicts);
}

Test(edit, order_of_insert_and_replacement) {
    ARENA(arena);
    struct edits edits = {.arena = &arena};
    *vec_push(&arena, &edits.list) = (struct edit){.at = {2, 4}, .text = STR("X")};
    *vec_push(&arena, &edits.list) = (struct edit){.at = {4, 4}, .text = STR("2")};
    *vec_push(&arena, &edits.list) = (struct edit){.at = {2, 2}, .text = STR("1"), .depth = 1};
    *vec_push(&arena, &edits.list) = (struct edit){.at = {2, 2}, .text = STR("0"), .depth = 3};
    *vec_push(&arena, &edits.list) = (struct edit){.at = {6, 6}, .text = STR("3")};
    cr_expect_str_eq(edits_apply(&arena, STR("abcdef"), &edits).p, "ab01X2ef3");
    struct edits none = {.arena = &arena};
    cr_expect_str_eq(edits_apply(&arena, STR("abc"), &none).p, "abc");
}

/* Which of the items "0", "1", … go, and what is left; NULL: refused. */
Test(edit, several_items_go) {
    static const struct {
        const char *before, *goes, *after;
    } table[] = {
        {"- a\n- b\n- c", "012", NULL},
        {"- a\n- b\n- c\n", "01", "- c\n"},
        {"- a\n- b\n- c", "12", "- a"},
        {"x:\n- a\n- b\n- c", "02", "x:\n- b"},
        {"[a, b, c, d]", "012", "[d]"},
        {"[a, b, c, d]", "13", "[a, c]"},
        {"[a, b, c, d]", "03", "[b, c]"},
        {"[\n  a,\n  b,\n  c\n]\n", "12", "[\n  a\n]\n"},
        {"[\n  a,\n  b,\n  c\n]\n", "01", "[\n  c\n]\n"},
        {"[\n  a,\n  b,\n  c]\n", "12", NULL},
        {"[a, b,\n  c\n]\n", "12", NULL},
        {"[\n  a, b,\n  c\n]\n", "01", "[\n  c\n]\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        ARENA(arena);
        struct diags diags = {.arena = &arena};
        struct edits edits = {.arena = &arena};
        struct yaml *yaml = parse(&arena, str_of(table[i].before), &diags);
        struct yaml_node *items = yaml->documents.at[0].root;
        items = items->kind == YAML_MAPPING ? items->pairs[0].value : items;
        bool goes[4] = {0};
        struct yaml_changes changes = {0};
        for (const char *p = table[i].goes; *p; p++) {
            goes[*p - '0'] = true;
            *vec_push(&arena, &changes.removed) = items->items[*p - '0'];
        }
        bool is_planned = yaml_remove_items(yaml, items, goes, &edits);
        cr_assert(is_planned == (table[i].after != NULL), "row %zu", i);
        cr_assert(is_planned == (edits.list.n > 0), "row %zu", i);
        if (!is_planned)
            continue;
        struct str after = edits_apply(&arena, yaml->source->text, &edits);
        cr_expect_str_eq(after.p, table[i].after, "row %zu: %s", i, after.p);
        cr_expect(yaml_extends(yaml, parse(&arena, after, &diags), &changes, NULL), "row %zu", i);
    }
}

/* ---- every place of the corpora ---- */

struct sweep {
    struct yaml *yaml;
    struct edits all; /* one edit for each place, as far as they go together */
    uint32_t n_edits;
};

static void try_place(struct sweep *sweep, struct yaml_node *node, enum action action, const struct yaml_value *value) {
    ARENA(arena);
    struct edits edits = {.arena = &arena};
    struct source *source = sweep->yaml->source;
    if (!act(sweep->yaml, node, action, value, &edits))
        return;
    sweep->n_edits++;
    struct str after = edits_apply(&arena, source->text, &edits);
    cr_expect(is_sound(&arena, sweep->yaml, after, action, node), "%s:%u: action %d breaks it", source->path.p,
              source_position(source, node->at.start).line, (int)action);
    bool is_free = action < REPLACE && sweep->all.list.n < 200;
    for (uint32_t i = 0; i < sweep->all.list.n && is_free; i++)
        is_free = !edit_conflicts(&sweep->all.list.at[i], &edits.list.at[0]);
    if (is_free)
        act(sweep->yaml, node, action, value, &sweep->all);
}

static void try_all(struct sweep *sweep, struct yaml_node *node) {
    static const struct yaml_value *const values[] = {&nested, &string, &list, &odd};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (enum action action = ADD_KEY; action < ACTIONS; action++)
            try_place(sweep, node, action, values[i]);
    for (uint32_t i = 0; i < node->n; i++) {
        try_all(sweep, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
        if (node->kind == YAML_MAPPING)
            try_all(sweep, node->pairs[i].key);
    }
}

static uint32_t sweep_file(const char *path) {
    ARENA(arena);
    struct diags diags = {.arena = &arena};
    struct str text;
    cr_assert(source_read(&arena, str_of(path), &text, &diags));
    struct source source = source_from(&arena, str_of(path), text, FORMAT_KUBE);
    struct sweep sweep = {.all = {.arena = &arena}};
    if (!source_check(&source, &diags) || !(sweep.yaml = yaml_parse(&arena, &source, &diags)))
        return 0;
    for (uint32_t i = 0; i < sweep.yaml->documents.n; i++)
        if (sweep.yaml->documents.at[i].root)
            try_all(&sweep, sweep.yaml->documents.at[i].root);
    struct str after = edits_apply(&arena, text, &sweep.all);
    cr_expect(is_sound(&arena, sweep.yaml, after, ADD_KEY, NULL), "%s: all edits together break it", path);
    return sweep.n_edits;
}

static uint32_t sweep_folder(const char *folder) {
    DIR *dir = opendir(folder);
    uint32_t n = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct str name = str_of(entry->d_name);
        if (entry->d_type == DT_DIR && name.p[0] != '.')
            n += sweep_folder(path);
        else if (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) || str_ends(name, STR(".json")))
            n += sweep_file(path);
    }
    if (dir)
        closedir(dir);
    return n;
}

Test(edit, corpus) {
    const char *corpus = getenv("IRONHULL_CORPUS");
    uint32_t n = sweep_folder(corpus ? corpus : "../shared/corpus");
    if (n == 0)
        cr_skip("no corpus: set IRONHULL_CORPUS");
    cr_log_info("%u edits", n);
}
