# Sourced by what tests from outside: one line of result for each check, counted in `passed` and `failed`.
# shellcheck shell=bash

passed=0 failed=0

# One line of result; what the command printed is shown only where it failed.
check() { # TITLE COMMAND...
	local title=$1 out status
	shift
	set +e # off here, on in there: a command of many steps ends at the first that fails
	out=$(set -e; "$@" 2>&1)
	status=$?
	set -e
	if [ "$status" = 0 ]; then
		echo "ok - $title"
		passed=$((passed + 1))
	else
		echo "not ok - $title"
		printf '%s\n' "$out" | tail -n 25 | sed 's/^/#   /'
		failed=$((failed + 1))
	fi
}

# Runs a program that prints result lines of its own, and counts them.
check_lines() { # TITLE COMMAND...
	local title=$1 line status=0 out
	shift
	out=$("$@" 2>&1) || status=$?
	while IFS= read -r line; do
		case $line in
		'ok - '*) passed=$((passed + 1)) ;;
		'not ok - '*) failed=$((failed + 1)) ;;
		*) line="#   $line" ;;
		esac
		printf '%s\n' "$line"
	done <<<"$out"
	check "$title ends well" [ "$status" = 0 ]
}

equal() { # WANTED GOT
	[ "$1" = "$2" ] || { printf 'wanted: %s\ngot:    %s\n' "$1" "$2" && return 1; }
}

# The command fails, and says why.
fails_with() { # TEXT COMMAND...
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "it did not fail: $*" && return 1
	fi
	printf '%s\n' "$out"
	[[ $out == *"$text"* ]]
}

exits() { # STATUS COMMAND...
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	equal "exit $wanted" "exit $status"
}
