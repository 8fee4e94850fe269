//! The input of a bulk run, cut into slices.

use crate::CaError;
use crate::bulk::BulkRequest;

/// The input, and how far it was read.
pub(super) struct Input<I> {
    requests: I,
    last: Option<u64>,
}

impl<'r, I: Iterator<Item = Result<BulkRequest<'r>, CaError>>> Input<I> {
    pub(super) fn new(requests: I) -> Self {
        Self {
            requests,
            last: None,
        }
    }

    /// The next slice of the input, and whether and how the input ends with it. What comes before an
    /// error is still a slice.
    pub(super) fn take(
        &mut self,
        size: usize,
    ) -> (Vec<BulkRequest<'r>>, Option<Result<(), CaError>>) {
        let mut requests = Vec::with_capacity(size);
        while requests.len() < size {
            let next = self.requests.next();
            match next.map(|request| request.and_then(|it| self.in_order(it))) {
                Some(Ok(request)) => requests.push(request),
                Some(Err(problem)) => return (requests, Some(Err(problem))),
                None => return (requests, Some(Ok(()))),
            }
        }
        (requests, None)
    }

    fn in_order(&mut self, request: BulkRequest<'r>) -> Result<BulkRequest<'r>, CaError> {
        let found = request.position;
        match self.last {
            Some(last) if found <= last => Err(CaError::BulkOrder { last, found }),
            _ => {
                self.last = Some(found);
                Ok(request)
            }
        }
    }
}
