# The manual page and the completions of three shells: that they know every option, and complete in the real shells.
# shellcheck shell=bash disable=SC2154

share=$prefix/share
page=$share/man/man1/ironhull.1
names=$(ironhull --help | sed -nE 's/^  (-[a-zA-Z],|   ) --([a-z-]+).*/\2/p')
rules=$(ironhull --help | sed -n '/^The rules:/,/^$/s/^  \([a-z-]*\) .*/\1/p')

# Every option, as what is said of it in a file.
knows_all() { # FILE PATTERN-WITH-NAME
	local name
	for name in $names; do
		grep -qE -- "${2//NAME/$name}" "$1" || { echo "$1 has no --$name" && return 1; }
	done
}
check 'there are options and rules' [ -n "$names" -a -n "$rules" ]
check 'bash knows every option' knows_all "$share/bash-completion/completions/ironhull.bash" "[' ]--NAME[=' ]"
check 'zsh knows every option' knows_all "$share/zsh/site-functions/_ironhull" "--NAME(=?\[|,|=?\})"
check 'fish knows every option' knows_all "$share/fish/vendor_completions.d/ironhull.fish" ' -l NAME '

if [ -e "$page" ]; then
	check 'the manual page has every option' knows_all "$page" '\\fB--NAME\\fR'
	text=$(man -l "$page" | col -b)
	for rule in $rules; do
		check "the manual page has $rule" grep -qx " *$rule" <<<"$text"
	done
	check 'the manual page has no placeholder left' fails_with '' grep -E '@[A-Z]+@' "$page"
	check 'man takes the manual page without a warning' equal '' "$(man --warnings -Tutf8 -Z -l "$page" 2>&1 >/dev/null)"
	# a paragraph after a heading is how scdoc writes
	has mandoc 'its look at the manual page' && check 'mandoc finds no mistake in the manual page' equal '' \
		"$(mandoc -Tlint "$page" | grep -vE ': STYLE:|WARNING: skipping paragraph macro: PP')"
else
	echo 'skipped: the manual page: no scdoc where it was built'
fi

# What a line becomes once tabs have completed it, as the program gets it.
mkdir "$work/bin" "$work/typed" "$work/typed/subfolder"
touch "$work/typed/subfile"
printf '#!/bin/sh\nIFS="|"\necho "[got $*]"\n' >"$work/bin/ironhull"
chmod +x "$work/bin/ironhull"
completes() { # SHELL SETUP
	local typed wanted=() lines=()
	while read -r typed want; do
		lines+=("ironhull ${typed//<TAB>/$'\t'}")
		wanted+=("$want")
	done
	(cd "$work/typed" && PATH=$work/bin:$PATH "$here/type_in" "$1" "$2" "${lines[@]}") >"$work/got"
	# fish writes an option's argument behind a blank; zsh takes the slash away again
	equal "$(printf '%s\n' "${wanted[@]}")" "$(sed -E 's/^(--[a-z-]+)\|/\1=/; s|/$||' "$work/got")"
}
# As typed, with <TAB>; and the arguments. Options that take rules are there for those that have them.
typed='--chec<TAB> --check
--output=subfo<TAB> --output=subfolder
--stdin-f<TAB>subfi<TAB> --stdin-filename=subfile
--pod-security=ba<TAB> --pod-security=baseline
--secc<TAB>lo<TAB> --seccomp=localhost
ls<TAB> lsp
subfi<TAB> subfile'
for name in $(ironhull --help | sed -nE 's/^ .* --([a-z-]+)=RULES.*/\1/p'); do
	typed+="
--$name=no-n<TAB> --$name=no-new-privileges
--$name=no-new-privileges,bui<TAB> --$name=no-new-privileges,builder-stage"
done
mkdir -p "$HOME/.local/share/fish/generated_completions" # else fish makes it out of all manual pages
complete_in() { # SHELL SETUP
	has "$1" "completion in $1" || return 0
	check "$1 completes" completes "$1" "$2" <<<"$typed"
}
if [ -e /usr/share/bash-completion/bash_completion ]; then
	XDG_DATA_DIRS=$share complete_in bash '. /usr/share/bash-completion/bash_completion'
else
	echo 'skipped: completion in bash: no bash-completion'
fi
complete_in zsh "fpath=('$share/zsh/site-functions' \$fpath); autoload -U compinit; compinit -D -u"
XDG_DATA_DIRS=$share:/usr/share complete_in fish true
