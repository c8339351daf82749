//! What all VMs of a proxy share: data by key, and queues by name. Both are kept apart by VM id only, and Istio leaves
//! that empty.

use std::collections::{BTreeMap, VecDeque};

use super::status::Status;

/// Bytes of all values and queued messages together; Envoy has no such limit.
const MAX_BYTES: usize = 64 << 20;

/// `(vm id, key)` to value and compare-and-swap number.
#[derive(Debug, Default, Clone)]
pub(crate) struct SharedData {
    entries: BTreeMap<(String, Vec<u8>), (Vec<u8>, u32)>,
    last_cas: u32,
    bytes: usize,
}

impl SharedData {
    pub(crate) fn get(&self, vm_id: &str, key: &[u8]) -> Option<(&[u8], u32)> {
        self.entries.get(&(vm_id.to_owned(), key.to_vec())).map(|(value, cas)| (value.as_slice(), *cas))
    }

    /// A `cas` of 0 sets without looking. The first value of a key is set whatever its `cas`.
    pub(crate) fn set(&mut self, vm_id: &str, key: &[u8], value: &[u8], cas: u32) -> Status {
        let slot = (vm_id.to_owned(), key.to_vec());
        if let Some((old, old_cas)) = self.entries.get(&slot) {
            if cas != 0 && cas != *old_cas {
                return Status::CasMismatch;
            }
            self.bytes -= old.len();
        }
        if self.bytes + value.len() > MAX_BYTES {
            return Status::InternalFailure;
        }
        self.bytes += value.len();
        self.last_cas += 1;
        self.entries.insert(slot, (value.to_vec(), self.last_cas));
        Status::Ok
    }

    /// VM id, key, value and number, sorted by VM id and key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8], &[u8], u32)> {
        self.entries.iter().map(|((vm_id, key), (value, cas))| (vm_id.as_str(), key.as_slice(), value.as_slice(), *cas))
    }
}

/// One queue and who is told of messages in it.
#[derive(Debug)]
struct Queue {
    vm_id: String,
    name: Vec<u8>,
    vm: usize,
    context: u32,
    messages: VecDeque<Vec<u8>>,
}

/// All queues; ids count from 1.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    queues: Vec<Queue>,
    bytes: usize,
}

impl Queues {
    /// The id of that name's queue, which is made if it is new. The last who registers is told of messages.
    pub(crate) fn register(&mut self, vm_id: &str, name: &[u8], vm: usize, context: u32) -> u32 {
        let at = self.queues.iter().position(|q| q.vm_id == vm_id && q.name == name).unwrap_or_else(|| {
            let queue = Queue { vm_id: vm_id.to_owned(), name: name.to_vec(), vm, context, messages: VecDeque::new() };
            self.queues.push(queue);
            self.queues.len() - 1
        });
        self.queues[at].vm = vm;
        self.queues[at].context = context;
        id_of(at)
    }

    pub(crate) fn resolve(&self, vm_id: &str, name: &[u8]) -> Option<u32> {
        self.queues.iter().position(|q| q.vm_id == vm_id && q.name == name).map(id_of)
    }

    /// The VM and root context to tell.
    pub(crate) fn enqueue(&mut self, id: u32, message: &[u8]) -> Option<(usize, u32)> {
        let queue = self.queues.get_mut((id as usize).checked_sub(1)?)?;
        if self.bytes + message.len() <= MAX_BYTES {
            self.bytes += message.len();
            queue.messages.push_back(message.to_vec());
        }
        Some((queue.vm, queue.context))
    }

    /// # Errors
    /// No such queue, or nothing in it.
    pub(crate) fn dequeue(&mut self, id: u32) -> Result<Vec<u8>, Status> {
        let at = (id as usize).checked_sub(1).ok_or(Status::NotFound)?;
        let queue = self.queues.get_mut(at).ok_or(Status::NotFound)?;
        let message = queue.messages.pop_front().ok_or(Status::Empty)?;
        self.bytes -= message.len();
        Ok(message)
    }
}

fn id_of(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_number_changes_nothing() {
        let mut data = SharedData::default();
        assert_eq!(data.set("", b"k", b"1", 9), Status::Ok);
        let (_, cas) = data.get("", b"k").unwrap();
        assert_eq!(data.set("", b"k", b"2", cas + 1), Status::CasMismatch);
        assert_eq!(data.set("", b"k", b"2", cas), Status::Ok);
        assert_eq!(data.set("", b"k", b"3", 0), Status::Ok);
        assert_eq!(data.get("", b"k").unwrap().0, b"3");
        assert!(data.get("other", b"k").is_none());
    }

    #[test]
    fn queues_count_from_one_and_know_empty_from_missing() {
        let mut queues = Queues::default();
        assert_eq!(queues.register("", b"q", 0, 1), 1);
        assert_eq!(queues.resolve("", b"q"), Some(1));
        assert_eq!(queues.dequeue(1), Err(Status::Empty));
        assert_eq!(queues.dequeue(2), Err(Status::NotFound));
        assert_eq!(queues.dequeue(0), Err(Status::NotFound));
        assert_eq!(queues.enqueue(1, b"m"), Some((0, 1)));
        assert_eq!(queues.dequeue(1), Ok(b"m".to_vec()));
    }
}
