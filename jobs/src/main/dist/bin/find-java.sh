# Sets java to a Java of at least 17, and java_home to its home; or says what is wrong and exits with 4. To be sourced.

if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    whose="JAVA_HOME is $JAVA_HOME"
else
    java=java
    whose="JAVA_HOME is not set, so it was looked for on the PATH"
fi
hint="hint: Install a JDK 17 or later, or set JAVA_HOME to where one is."
if ! command -v "$java" > /dev/null 2>&1; then
    printf 'error: no Java found (%s)\n%s\n' "$whose" "$hint" >&2
    exit 4
fi
java_home=$(dirname "$(dirname "$(readlink -f "$(command -v "$java")")")")
# Every Java since 9 has the file release, which is much quicker than java -version.
version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$java_home/release" 2> /dev/null)
if [ -z "$version" ]; then
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
fi
if [ "${version:-0}" -lt 17 ]; then
    printf 'error: Lastgood needs Java 17 or later, and this is Java %s (%s)\n%s\n' \
        "${version:-of unknown version}" "$whose" "$hint" >&2
    exit 4
fi
