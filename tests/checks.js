// Runs tests by their names, one after another, and then `end`. Ends the process, with a line `N passed, N failed`.
"use strict";

module.exports = async (tests, seconds, end = async () => {}) => {
    let passed = 0, failed = 0;
    for (const [name, test] of Object.entries(tests)) {
        const late = new Promise((_, reject) => setTimeout(reject, 1000 * seconds, new Error("no end")).unref());
        try {
            await Promise.race([test(), late]);
            passed++;
        } catch (error) {
            failed++;
            console.log(`FAILED ${name}\n${error.stack}`);
        }
    }
    await end();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
};
