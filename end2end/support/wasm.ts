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
