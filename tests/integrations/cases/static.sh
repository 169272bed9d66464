# The static program, alone in an empty root.
# shellcheck shell=bash disable=SC2154

build_static() {
	meson setup "$work/static" "$source" --buildtype=release -Dprefer_static=true -Dc_link_args=-static-pie -Dtests=disabled \
		-Dman=disabled
	ninja -C "$work/static" ironhull
}
check 'static: it builds' build_static
check 'static: it is hardened' "$source/tests/hardened" "$work/static/ironhull"
strip "$work/static/ironhull"
check 'static: it needs no library' fails_with '' grep NEEDED <(readelf --dynamic "$work/static/ironhull")
echo "# $(($(stat --format %s "$work/static/ironhull") / 1024)) KiB, stripped"

mkdir "$work/empty"
cp "$work/static/ironhull" "$work/empty"
cp -r "$source/tests/sample" "$work/empty/sample"
cp -r "$source/tests/sample" "$work/sample"
(cd "$work/sample" && ironhull -w . 2>/dev/null)
if [ "$(id -u)" = 0 ]; then
	check 'static: it hardens in an empty root' chroot "$work/empty" /ironhull -w /sample
	check 'static: as the other one does' diff -r "$work/sample" "$work/empty/sample"
else
	echo 'skipped: an empty root: not root'
fi
