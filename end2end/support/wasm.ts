/** A small module that Envoy would load: a marker, an allocator, a memory; and a word, so that each is another module. */
export function loads(word: string): Buffer {
    const name = (text: string) => [text.length, ...Buffer.from(text)];
    const section = (id: number, bytes: number[]) => [id, bytes.length, ...bytes];
    return Buffer.from([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f]),
        ...section(3, [2, 0, 1]),
        ...section(5, [1, 0, 1]),
        ...section(7, [3, ...name("proxy_abi_version_0_2_1"), 0, 0, ...name("malloc"), 0, 1, ...name("memory"), 2, 0]),
        ...section(10, [2, 2, 0, 0x0b, 4, 0, 0x41, 0, 0x0b]),
        ...section(0, name(word)),
    ]);
}

/** A module without a marker: Envoy refuses it. */
export function refused(word: string): Buffer {
    const name = [word.length, ...Buffer.from(word)];
    return Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, name.length, ...name]);
}

/** A module whose callback for request headers has this body: `traps` crashes in it, `loops` never ends. */
export function answering(word: string, what: "traps" | "loops"): Buffer {
    const name = (text: string) => [text.length, ...Buffer.from(text)];
    const section = (id: number, bytes: number[]) => [id, bytes.length, ...bytes];
    // `unreachable`; or `loop br 0 end i32.const 0`.
    const body = what === "traps" ? [0x00] : [0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0];
    const bodies = [[0, 0x0b], [0, 0x41, 0, 0x0b], [0, ...body, 0x0b], [0, 0x0b]];
    const types = [[0x60, 0, 0], [0x60, 1, 0x7f, 1, 0x7f], [0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f], [0x60, 2, 0x7f, 0x7f, 0]];
    const exported = ["proxy_abi_version_0_2_1", "malloc", "proxy_on_request_headers", "proxy_on_context_create"];
    return Buffer.from([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        ...section(1, [types.length, ...types.flat()]),
        ...section(3, [4, 0, 1, 2, 3]),
        ...section(5, [1, 0, 1]),
        ...section(7, [5, ...exported.flatMap((text, at) => [...name(text), 0, at]), ...name("memory"), 2, 0]),
        ...section(10, [bodies.length, ...bodies.flatMap((one) => [one.length, ...one])]),
        ...section(0, name(word)),
    ]);
}
